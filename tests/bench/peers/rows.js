// The rows of a file by uDSV: read in slices of 4 MiB, decoded, parsed, and handed over one by one.
import { inferSchema, initParser } from 'udsv';

let names = [];
/** The names of the columns, once there was a row. */
export const header = () => names;

/** Calls `each` with the cells of every row; answers how many there were. */
export async function eachRow(file, each) {
  const decoder = new TextDecoder();
  let parser;
  let rows = 0;
  for (let at = 0; at < file.size; at += 4 << 20) {
    const text = decoder.decode(await file.slice(at, at + (4 << 20)).arrayBuffer(), { stream: at + (4 << 20) < file.size });
    if (!parser) {
      const schema = inferSchema(text);
      names = schema.cols.map((it) => it.name);
      parser = initParser(schema);
    }
    parser.chunk(text, parser.stringArrs, (row) => { rows += 1; each(row); });
  }
  parser.end();
  return rows;
}

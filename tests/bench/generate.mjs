// The same people every time: eleven columns, about 140 bytes a row. Seeded, so that two runs read the same file.
import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';

const FIRST = ['Maria', 'Tom', 'Yuki', 'Priya', 'Jan', 'Amelie', 'Chidi', 'Fatima', 'Bjorn', 'Olga'];
const LAST = ['Garcia', 'Okafor', 'Tanaka', 'Nair', 'Kowalski', 'Dubois', 'Anagonye', 'Haddad', 'Svensson', 'Ivanova'];
const COMPANY = ['Northwind Labs', 'Contoso GmbH', 'Fabrikam', 'Adventure Works', 'Tailspin', 'Litware'];
const HEADER = 'Email,First Name,Last Name,Company,Title,Mailing City,Mailing Country,Mailing Zip/Postal Code,Mobile Phone,Website,Created Date';

/** How a row is written: as it is; every fifth cell quoted; or with all that real files have. */
export const PROFILES = {
  clean: (cells) => cells.join(','),
  quoted: (cells, at) => cells.map((it, column) => ((at + column) % 5 ? it : `"${it}"`)).join(','),
  messy: (cells, at) => cells.map((it, column) => (column === 3 && at % 3 === 0 ? `"${it}, ""Söhne""${at % 9 ? '' : '\r\n'}"` : it)).join(','),
};

/** Writes the file, unless it is there, and answers where. Two files share nobody when the one's `from` lies behind the other's rows. */
export async function generate(folder, rows, profile = 'clean', from = 0) {
  const file = `${folder}/list-${profile}-${from ? `${from}-` : ''}${rows}.csv`;
  if (await stat(file).catch(() => null)) return file;
  await mkdir(folder, { recursive: true });
  const end = profile === 'messy' ? '\r\n' : '\n';
  const out = createWriteStream(file);
  out.write((profile === 'messy' ? '\ufeff' : '') + HEADER + end);
  let seed = 1;
  const below = (limit) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return (seed >>> 9) % limit; };
  for (let at = from; at < from + rows; at += 1) {
    const [first, last, company] = [FIRST[below(10)], LAST[below(10)], COMPANY[below(6)]];
    const cells = [
      `${first.toLowerCase()}.${last.toLowerCase()}${at}@example${below(500)}.com`, first, last, company, 'Marketing Manager', 'Springfield', 'Germany',
      `${10000 + below(80000)}`, `+4917${10000000 + at}`, `https://example${below(500)}.com`, `2024-0${1 + below(9)}-1${below(9)}`,
    ];
    if (!out.write(PROFILES[profile](cells, at) + end)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(done));
  return file;
}

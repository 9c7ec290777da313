// What the peers' page and the bare table have in common: the chosen file, and workers.

/** The list that is chosen. */
export const file = () => document.querySelector('#file').files[0];

/** A worker that stays, asked one thing at a time. */
export const staying = (script, type) => {
  let worker;
  return (operation, argument) => new Promise((done, failed) => {
    worker ??= new Worker(script, { type });
    worker.onmessage = ({ data }) => (data.failed ? failed(new Error(data.failed)) : done(data));
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage([operation, file(), argument]);
  });
};

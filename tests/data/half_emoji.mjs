// Clients of yjs that edit by UTF-16 units, across the halves of emoji; then clients that take updates in their order.
import * as Y from 'yjs';
const { seed, edits, take } = JSON.parse(process.argv.at(-1));
const bytes = text => Uint8Array.from(Buffer.from(text, 'base64'));
let state = seed;
const random = below => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * below);
};
if (take) {
  const texts = take.map(updates => {
    const doc = new Y.Doc();
    updates.forEach(update => Y.applyUpdate(doc, bytes(update)));
    return doc.getText('source').toString();
  });
  console.log(JSON.stringify(texts));
} else {
  const updates = [];
  const docs = [1, 2, 300].map(id => {
    const doc = new Y.Doc();
    doc.clientID = id;
    doc.on('update', (update, origin) => {
      if (origin !== 'remote') {
        updates.push([id, Buffer.from(update).toString('base64')]);
      }
    });
    return doc;
  });
  const heard = docs.map(() => 0);
  for (let i = 0; i < edits; i++) {
    const at = random(3);
    const doc = docs[at];
    if (random(3)) {
      for (; heard[at] < updates.length; heard[at]++) {
        Y.applyUpdate(doc, bytes(updates[heard[at]][1]), 'remote');
      }
    }
    const text = doc.getText('source');
    const index = random(text.length + 1);
    if (random(3) && text.length < 60 || index === text.length) {
      text.insert(index, ['😀', 'x😀y', '|', '😀😀', 'ab'][random(5)]);
    } else {
      text.delete(index, 1 + random(Math.min(3, text.length - index)));
    }
  }
  console.log(JSON.stringify(updates));
}

// Makes documents with yjs and prints their updates in both formats, one JSON object a line.
// Run from a folder whose node_modules holds yjs: node --input-type=module --eval "$(cat this)" SEED
import * as Y from 'yjs';

let seed = Number(process.argv[1]);
const random = below => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * below);
};
const base64 = bytes => Buffer.from(bytes).toString('base64');
const pieces = ['a', 'Bob -> Alice : hi\n', '🌱', 'ß', '\r\n', '漢字', '😀😀', ' ', 'é'];

function emit(name, update, text) {
  const v1 = Y.convertUpdateFormatV2ToV1(update);
  console.log(JSON.stringify({ name, v2: base64(update), v1: base64(v1), text }));
}

// A place in the text; only a careless editor splits the two halves of a character.
function place(text, at, careless) {
  const code = text.toString().charCodeAt(at);
  return !careless && code >= 0xdc00 && code < 0xe000 ? at + 1 : at;
}

function edit(doc, steps, careless) {
  const text = doc.getText('monaco');
  for (let i = 0; i < steps; i++) {
    const at = place(text, random(text.length + 1), careless);
    if (random(3) === 0 && text.length > at) {
      const end = place(text, at + Math.min(1 + random(5), text.length - at), careless);
      text.delete(at, end - at);
    } else {
      text.insert(at, pieces[random(pieces.length)]);
    }
  }
}

emit('empty', Y.encodeStateAsUpdateV2(new Y.Doc()), '');
for (let round = 0; round < 40; round++) {
  const careless = round % 4 === 3;
  const docs = [0, 1, 2].map(index => {
    const doc = new Y.Doc();
    doc.clientID = [1 + random(100), 2 ** 31 + random(2 ** 20), 2 ** 20 + random(2 ** 30)][index];
    return doc;
  });
  const updates = [];
  docs.forEach(doc => doc.on('updateV2', update => updates.push(update)));
  for (let turn = 0; turn < 3; turn++) {
    docs.forEach(doc => edit(doc, 1 + random(12), careless));
    const states = docs.map(doc => Y.encodeStateAsUpdateV2(doc));
    docs.forEach(doc => states.forEach(state => Y.applyUpdateV2(doc, state)));
  }
  const text = careless ? null : docs[0].getText('monaco').toString();
  emit(`whole ${round}`, Y.encodeStateAsUpdateV2(docs[0]), text);
  emit(`merged ${round}`, Y.mergeUpdatesV2(updates), text);
  updates.slice(0, 20).forEach((update, index) => emit(`step ${round}.${index}`, update, null));
  // Some updates of the middle are missing: gaps (Skip structs) in what is merged.
  const gaps = updates.filter((_, index) => index % 3 !== 1);
  emit(`gaps ${round}`, Y.mergeUpdatesV2(gaps), null);
}

// Everything else that a document can hold.
const doc = new Y.Doc();
doc.clientID = 7;
const text = doc.getText('monaco');
text.insert(0, 'bold and plain', { bold: true });
text.format(3, 5, { color: '#fff', size: 1.5, whole: 2, none: null, deep: { list: [1, 'é', true] } });
text.insertEmbed(4, { image: 'x.png', size: [1, 2.25, -3] });
const map = doc.getMap('map');
map.set('number', 12345678901);
map.set('negative', -1.25);
map.set('text', 'wört');
map.set('object', { a: [null, undefined, false], b: { c: 'd' } });
map.set('bytes', new Uint8Array([1, 2, 3]));
map.set('big', 123456789012345678n);
map.set('inner', new Y.Map([['key', 'value']]));
map.delete('text');
const array = doc.getArray('array');
array.push([1, 'two', new Y.Text('three'), new Y.Array()]);
array.delete(1, 2);
const xml = doc.getXmlFragment('xml');
xml.insert(0, [new Y.XmlElement('p'), new Y.XmlText('x'), new Y.XmlElement('p')]);
emit('all kinds', Y.encodeStateAsUpdateV2(doc), null);

// Makes with yjs what Y-Redis keeps of some documents: rows of format V2, and messages of a stream.
// Run from a folder whose node_modules holds yjs and lib0: node --input-type=module --eval "$(cat this)"
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

const base64 = bytes => Buffer.from(bytes).toString('base64');

// A y-websocket message: type 0 (sync), step 2 (update).
function message(update) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, 2);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

class Typed {
  constructor(client) {
    this.doc = new Y.Doc();
    this.doc.clientID = client;
    this.text = this.doc.getText('monaco');
    this.v1 = [];
    this.v2 = [];
    this.doc.on('update', update => this.v1.push(update));
    this.doc.on('updateV2', update => this.v2.push(update));
  }
}

function type(doc, text) {
  for (const character of text) {
    doc.text.insert(doc.text.length, character);
  }
}

const result = {};

// What a worker makes of a document: the whole state, again and again; old rows may be left.
const login = new Typed(101);
type(login, '@startuml\nAda -> Ben : hello\n');
const first = Y.encodeStateAsUpdateV2(login.doc);
const other = new Typed(202);
Y.applyUpdateV2(other.doc, first);
other.text.delete(10, 3);
other.text.insert(10, 'Zoë 🌱');
Y.applyUpdateV2(login.doc, Y.encodeStateAsUpdateV2(other.doc));
type(login, '@enduml\n');
result.login = { rows: [first, Y.encodeStateAsUpdateV2(login.doc)], text: login.text.toString() };

// Half in the table, half still in the stream, with presence between, in another order than it was typed.
const tail = new Typed(303);
type(tail, '@startuml\nleft to right direction\n');
const moved = Y.encodeStateAsUpdateV2(tail.doc);
tail.v1.length = 0;
type(tail, 'actor Ada\n@enduml');
const [last, ...others] = tail.v1.map(message).reverse();
const presence = new Uint8Array([1, 1, 0]);
result.tail = { rows: [moved], stream: [last, presence, ...others], text: tail.text.toString() };

// Line ends of Windows, and some of an old Mac.
const windows = new Typed(404);
type(windows, '@startuml\r\nclass A\r\nclass B\rclass C\n@enduml\r\n');
result.windows = { rows: [Y.encodeStateAsUpdateV2(windows.doc)], text: windows.text.toString() };

// A row whose first half is in no row: Y-Redis lost it, or it comes later.
const holes = new Typed(505);
type(holes, 'abc');
const later = holes.v2.length;
type(holes, 'def');
result.holes = { rows: holes.v2.slice(later), missing: holes.v2.slice(0, later), text: '' };

// What is typed there after the first import.
type(login, "' typed later\n");
result.later = { rows: [Y.encodeStateAsUpdateV2(login.doc)], text: login.text.toString() };

const encoded = ({ rows = [], stream = [], missing = [], text }) => ({
  rows: rows.map(base64),
  stream: stream.map(base64),
  missing: missing.map(base64),
  text
});
console.log(
  JSON.stringify(Object.fromEntries(Object.entries(result).map(([k, v]) => [k, encoded(v)])))
);

/**
 * A synchronous PNG writer for sprites: the engine wants `toDataURL`, which
 * an OffscreenCanvas does not have. Stored blocks, no compression: sprites
 * are a few hundred pixels.
 */

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) {
    c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  return c >>> 0;
});

function crc(bytes: number[]): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c = (CRC_TABLE[(c ^ byte) & 255] ?? 0) ^ (c >>> 8);
  }
  return (c ^ 0xffffffff) >>> 0;
}

function uint32(value: number): number[] {
  return [
    (value >>> 24) & 255,
    (value >>> 16) & 255,
    (value >>> 8) & 255,
    value & 255
  ];
}

function chunk(type: string, data: number[]): number[] {
  const body = [...type].map(char => char.charCodeAt(0)).concat(data);
  return uint32(data.length).concat(body, uint32(crc(body)));
}

/** zlib with stored blocks of at most 65,535 bytes, and its Adler sum. */
function zlib(raw: number[]): number[] {
  const out = [0x78, 1];
  let a = 1;
  let b = 0;
  for (let i = 0; i < raw.length;) {
    const size = Math.min(65_535, raw.length - i);
    const last = i + size >= raw.length ? 1 : 0;
    out.push(last, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255);
    for (const byte of raw.slice(i, i + size)) {
      out.push(byte);
      a = (a + byte) % 65_521;
      b = (b + a) % 65_521;
    }
    i += size;
  }
  out.push(b >> 8, b & 255, a >> 8, a & 255);
  return out;
}

/** Encode RGBA pixels as a `data:image/png` URL. */
export function pngDataUrl(
  width: number,
  height: number,
  pixels: Uint8ClampedArray
): string {
  const raw: number[] = [];
  for (let y = 0; y < height; y++) {
    raw.push(0);
    for (const byte of pixels.subarray(y * width * 4, (y + 1) * width * 4)) {
      raw.push(byte);
    }
  }
  const png = [137, 80, 78, 71, 13, 10, 26, 10].concat(
    chunk('IHDR', uint32(width).concat(uint32(height), [8, 6, 0, 0, 0])),
    chunk('IDAT', zlib(raw)),
    chunk('IEND', [])
  );
  let binary = '';
  for (const byte of png) {
    binary += String.fromCharCode(byte);
  }
  return `data:image/png;base64,${btoa(binary)}`;
}

/**
 * Pictures as files: SVG text and PNG pixels.
 */

/** How many pixels of a PNG make one unit of the picture. */
export const PNG_SCALE = 2;
/** Browsers refuse larger canvases. */
const MAX_SIDE = 16_384;

export type PictureFormat = 'svg' | 'png';

/** A complete SVG file of a cleaned picture. */
export function svgText(
  picture: SVGSVGElement,
  background: string | null
): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  copy.removeAttribute('role');
  copy.removeAttribute('aria-label');
  if (background) {
    const box = (copy.getAttribute('viewBox') ?? '').split(' ');
    const paper = document.createElementNS(
      'http://www.w3.org/2000/svg',
      'rect'
    );
    ['x', 'y', 'width', 'height'].forEach((name, i) =>
      paper.setAttribute(name, box[i] ?? '0')
    );
    paper.setAttribute('fill', background);
    copy.prepend(paper);
  }
  const text = new XMLSerializer().serializeToString(copy);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`;
}

export async function pngBlob(
  picture: SVGSVGElement,
  background: string
): Promise<Blob> {
  const width = Number(picture.getAttribute('width')) || 1;
  const height = Number(picture.getAttribute('height')) || 1;
  const scale = Math.min(PNG_SCALE, MAX_SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.ceil(width * scale));
  canvas.height = Math.max(1, Math.ceil(height * scale));
  const context = canvas.getContext('2d');
  if (!context) {
    throw new Error('No canvas');
  }
  const url = URL.createObjectURL(
    new Blob([svgText(picture, null)], { type: 'image/svg+xml' })
  );
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    context.fillStyle = background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
  } finally {
    URL.revokeObjectURL(url);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('No PNG'))),
      'image/png'
    )
  );
}

/** Hand a file to the browser. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  // The download reads the URL after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

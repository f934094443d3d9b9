/**
 * From an element of a picture to its line in the source.
 *
 * The engine marks the elements of some diagram types with a line, which
 * inside procedures and includes is the definition's: it counts only when the
 * line names the element. Otherwise the k-th equal label belongs to the k-th
 * line that contains it.
 */

function plain(text: string | null | undefined): string {
  return (text ?? '').replace(/\u00a0/g, ' ').trim();
}

/** 0-based index into `lines`, or -1. */
export function locate(target: Element, lines: string[]): number {
  const marked = target.closest('g[data-source-line]');
  if (marked) {
    const line = markedLine(marked, lines);
    if (line >= 0) {
      return line;
    }
  }
  const text = target.closest('text');
  return labelLine(text ?? target.closest('g')?.querySelector('text'), lines);
}

function markedLine(group: Element, lines: string[]): number {
  const index = Number(group.getAttribute('data-source-line'));
  const line = lines[index];
  if (line === undefined) {
    return -1;
  }
  const path = group.getAttribute('data-qualified-name') ?? '';
  const name = path.split('.').pop() ?? '';
  if (group.classList.contains('link')) {
    return /[-.=~]/.test(line) ? index : -1;
  }
  return !name || line.includes(name) ? index : -1;
}

function labelLine(text: Element | null | undefined, lines: string[]): number {
  const label = plain(text?.textContent);
  const svg = text?.closest('svg');
  if (!text || !svg || !label) {
    return -1;
  }
  const same = [...svg.querySelectorAll('text')].filter(
    other => plain(other.textContent) === label
  );
  const rank = Math.max(0, same.indexOf(text as SVGTextElement));
  const hits = lines.flatMap((line, i) =>
    i > 0 && line.includes(label) ? [i] : []
  );
  return hits[Math.min(rank, hits.length - 1)] ?? -1;
}

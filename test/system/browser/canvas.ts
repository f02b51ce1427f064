import type { Locator } from 'playwright-core';

/** The colours that are drawn: what is not quite there, such as the edge of a letter, does not count. */
export async function coloursOf(canvas: Locator): Promise<string[]> {
  const colours = await canvas.evaluate((element) => {
    const canvas = element as unknown as Canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set<string>();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add(data.slice(at, at + 3).join());
    return [...found];
  });
  return colours;
}

/** What is used of the browser's canvas: these tests are compiled without the browser's types. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
  };
}

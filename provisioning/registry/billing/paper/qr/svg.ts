import { circleOf, type QrSymbol } from './symbol.ts';

const quietModules = 4;
const moduleMm = 0.55;

// The hryvnia sign within a circle of radius 1: no font need have it.
const sign =
  'M-.5-.5C-.42-.8-.22-.94.03-.94C.34-.94.56-.76.56-.48C.56-.2.38-.04.1.1L-.12.2C-.4.34-.56.42-.56.62' +
  'C-.56.84-.34.94-.06.94C.2.94.42.8.52.52M-.78-.17H.78M-.78.17H.78';

// How large the sign is drawn in the four examples of Annex 4, by the radius of the white circle.
const signOfCircle = 0.69;

/** A QR symbol with the hryvnia sign in the middle as SVG, 0.55 mm per module, with its quiet zone. Black on white. */
export function qrSvg({ modules, version }: QrSymbol, title: string): string {
  const size = modules.length + 2 * quietModules;
  const millimetres = (size * moduleMm).toFixed(1);
  const middle = size / 2;
  const radius = circleOf(version) / 2;
  const scale = (radius * signOfCircle).toFixed(3);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="${title}" ` +
    `viewBox="0 0 ${size} ${size}" width="${millimetres}mm" height="${millimetres}mm">` +
    `<rect width="${size}" height="${size}" fill="#fff"/>` +
    `<path shape-rendering="crispEdges" d="${darkRuns(modules)}"/>` +
    `<circle cx="${middle}" cy="${middle}" r="${radius}" fill="#fff"/>` +
    `<path transform="translate(${middle} ${middle}) scale(${scale})" d="${sign}" ` +
    'fill="none" stroke="#000" stroke-width=".2"/></svg>'
  );
}

function darkRuns(modules: QrSymbol['modules']): string {
  const runs: string[] = [];
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      const start = x;
      while (row[x + 1] === true) x += 1;
      const length = x - start + 1;
      runs.push(`M${start + quietModules} ${y + quietModules}h${length}v1h-${length}z`);
    }
  });
  return runs.join('');
}

/** Module resolution for test files: `uvu` means the observed one, except to the observed one itself. */

let observedUvu = '';

/** @param {string} url the module that stands in for uvu */
export function initialize(url) {
  observedUvu = url;
}

/** See https://nodejs.org/api/module.html#resolvespecifier-context-nextresolve */
export async function resolve(specifier, context, next) {
  const redirected = specifier === 'uvu' && !context.parentURL?.startsWith(observedUvu);
  return next(redirected ? observedUvu : specifier, context);
}

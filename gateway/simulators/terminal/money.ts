const written = /^(\d{1,10})[.,](\d{2})$/;

/**
 * An amount as PrivatBank's protocol writes it, `0.60` or `0,60`: two decimals, nothing else (ECR protocol JSON
 * based v1.0.3.1 §5.1). Minor units, or null when it is not an amount above zero.
 */
export function parseAmount(text: string): number | null {
  const [, whole, decimals] = written.exec(text) ?? [];
  const minor = Number(`${whole}${decimals}`);
  return minor > 0 ? minor : null;
}

/** Minor units as the terminal writes them: 10050 is `100.50`. */
export function formatAmount(minor: number): string {
  const digits = String(minor).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Amounts in major units, as banks show them and providers write them. */

const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** The parts of an asset: `EUR/2` is EUR with 2 decimals, `JPY` has none. */
export function readAsset(asset: string): { readonly currency: string; readonly scale: number } {
  const [currency = "", scale = "0"] = asset.split("/");
  return { currency, scale: Number(scale) };
}

/** `-12.34` of -1234 in `EUR/2`. */
export function toDecimal(amount: bigint, asset: string): string {
  const { scale } = readAsset(asset);
  const digits = String(amount < 0n ? -amount : amount).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${amount < 0n ? "-" : ""}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`;
}

/** The amount as a JSON number that keeps all its digits, also those that a double cannot hold. */
export function toJsonNumber(amount: bigint, asset: string): number | object {
  const text = toDecimal(amount, asset);
  const number = Number(text);
  const shortest = text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  return String(number) === shortest ? number : rawJSON(text);
}

import { toAmount, toDay } from "./format.ts";
import type { HistoryQuery } from "./graphql/graphql.ts";
import { texts } from "./language.ts";

type Rows = NonNullable<NonNullable<HistoryQuery["account"]>["balanceHistory"]>["nodes"];

const [width, height, padding] = [600, 160, 6];

/** How the balance went, newest row first: a step for each amount, since a balance holds until the next one. */
export function HistoryChart({ rows }: { rows: Rows }) {
  const sorted = rows.toSorted((a, b) => (BigInt(a.amount.amount) < BigInt(b.amount.amount) ? -1 : 1));
  const [newest, oldest, lowest, highest] = [rows[0], rows.at(-1), sorted[0], sorted.at(-1)];
  if (!newest || !oldest || !lowest || !highest || newest === oldest) {
    return <p className="soft">{texts.noHistory}</p>;
  }
  const span = [toDay(oldest.createdAt), toDay(newest.lastUpdatedAt)] as const;
  const range = texts.range(toAmount(lowest.amount), toAmount(highest.amount));
  const summary = texts.history(...span, toAmount(oldest.amount), toAmount(newest.amount), range);

  // Amounts stay integers of any size until they are a place among a thousand: no digit is lost on the way.
  const [floor, ceiling] = [BigInt(lowest.amount.amount), BigInt(highest.amount.amount)];
  const y = (amount: string) => {
    const thousandths = Number(((BigInt(amount) - floor) * 1000n) / (ceiling - floor || 1n));
    return (height - padding - (thousandths / 1000) * (height - 2 * padding)).toFixed(1);
  };
  const [from, until] = [Date.parse(oldest.createdAt), Date.parse(newest.lastUpdatedAt)];
  const x = (time: string) => (((Date.parse(time) - from) / (until - from || 1)) * width).toFixed(1);
  const steps = rows.toReversed().map(({ createdAt, amount }) => `H${x(createdAt)}V${y(amount.amount)}`);
  const line = `M0 ${y(oldest.amount.amount)}${steps.join("")}H${width}`;
  return (
    <figure>
      <p className="soft" aria-hidden="true">
        {range}
      </p>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary} preserveAspectRatio="none">
        <path className="area" d={`${line}V${height}H0Z`} />
        <path className="step" d={line} vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="head soft" aria-hidden="true">
        <span>{span[0]}</span>
        <span>{span[1]}</span>
      </figcaption>
    </figure>
  );
}

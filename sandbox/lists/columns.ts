/** Which keys a list can be filtered by: each with its type, its operators, and how to read it from a row. */

export type Column<Row> = {
  readonly type: "text" | "uuid" | "integer";
  /** `match`: only `$match` is allowed. `compare`: any operator gets as far as the database. */
  readonly takes: "match" | "compare";
  read(row: Row): string | bigint | null;
  /** Applied to the value before it is compared. */
  normalize?(value: unknown): unknown;
};

export type Columns<Row> = {
  readonly named: Readonly<Record<string, Column<Row>>>;
  /** For keys of the form `metadata[…]`; absent when the list has no such key. */
  metadata?(row: Row): Readonly<Record<string, string>> | null;
};

type Takes = Column<never>["takes"];

export const text = <Row>(takes: Takes, read: (row: Row) => string | null): Column<Row> => ({
  type: "text",
  takes,
  read,
});

export const uuid = <Row>(takes: Takes, read: (row: Row) => string | null): Column<Row> => ({
  type: "uuid",
  takes,
  read,
});

export const integer = <Row>(read: (row: Row) => bigint): Column<Row> => ({ type: "integer", takes: "compare", read });

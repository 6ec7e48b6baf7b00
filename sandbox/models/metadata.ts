/** The key-value pairs that most objects of the service carry. */
export type Metadata = Readonly<Record<string, string>>;

/** Events leave out what is empty. */
export const toEventMetadata = (metadata: Metadata | null) =>
  metadata === null || Object.keys(metadata).length === 0 ? {} : { metadata };

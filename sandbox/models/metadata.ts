/** The key-value pairs that most objects of the service carry. */
export type Metadata = Readonly<Record<string, string>>;

/** The query of a URL as Go reads it: a part whose percent signs mean nothing is left out. */

export function readQuery(search: string): URLSearchParams {
  const parts = search.replace(/^\?/, "").split("&");
  return new URLSearchParams(parts.filter(isEscaped).join("&"));
}

const isEscaped = (part: string): boolean => !/%(?![\da-f]{2})/i.test(part);

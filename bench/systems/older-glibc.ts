/**
 * Lets a program that was built for glibc 2.39 run on an older one, such as Debian 12's 2.36: of the newest versions, which
 * the loader refuses, it needs one function, which glibc has always had under an older name.
 */

const versionsNeeded = 0x6ffffffe;
const tooNew = new Set(["GLIBC_2.38", "GLIBC_2.39"]);
/** Every x86-64 glibc has it. */
const oldest = "GLIBC_2.2.5";

/** A copy of the program (ELF, 64 bits) that asks for the oldest version instead of the newest ones. */
export function forOlderGlibc(program: Buffer): Buffer {
  const copy = Buffer.from(program);
  const table = Number(copy.readBigUInt64LE(0x28));
  const sectionAt = (index: number) => {
    const at = table + index * copy.readUInt16LE(0x3a);
    return {
      type: copy.readUInt32LE(at + 4),
      offset: Number(copy.readBigUInt64LE(at + 24)),
      size: Number(copy.readBigUInt64LE(at + 32)),
      strings: copy.readUInt32LE(at + 40),
      entries: copy.readUInt32LE(at + 44),
    };
  };
  const sections = Array.from({ length: copy.readUInt16LE(0x3c) }, (_, index) => sectionAt(index));
  const needed = sections.find(({ type }) => type === versionsNeeded);
  if (needed === undefined) return copy;
  const names = sectionAt(needed.strings);
  const nameOf = (at: number) => {
    const from = names.offset + copy.readUInt32LE(at + 8);
    return copy.toString("latin1", from, copy.indexOf(0, from));
  };

  const versions: number[] = [];
  for (let entry = needed.offset, left = needed.entries; left > 0; left -= 1) {
    let version = entry + copy.readUInt32LE(entry + 8);
    for (let count = copy.readUInt16LE(entry + 2); count > 0; count -= 1) {
      versions.push(version);
      version += copy.readUInt32LE(version + 12);
    }
    entry += copy.readUInt32LE(entry + 12);
  }
  const known = versions.find((at) => nameOf(at) === oldest);
  if (known === undefined) return copy;
  for (const at of versions.filter((one) => tooNew.has(nameOf(one)))) {
    copy.copy(copy, at, known, known + 4); // the hash of its name
    copy.copy(copy, at + 8, known + 8, known + 12); // its name
  }
  // C23's name of `strtol`.
  const at = copy.subarray(names.offset, names.offset + names.size).indexOf("\0__isoc23_strtol\0");
  if (at !== -1) copy.write("strtol\0", names.offset + at + 1, "latin1");
  return copy;
}

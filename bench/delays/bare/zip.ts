import { crc32 } from 'node:zlib'

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END = 0x06054b50
const VERSION = 20
/** Regular file, readable by everybody. */
const ATTRIBUTES = (0o100644 << 16) >>> 0

/**
 * A zip archive with one file that is not compressed, as Lambda takes it.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zipOf(name: string, content: Uint8Array): Uint8Array {
  const path = Buffer.from(name)
  const file = Buffer.alloc(26)
  file.writeUInt16LE(VERSION, 0)
  file.writeUInt32LE(crc32(content), 10)
  file.writeUInt32LE(content.length, 14)
  file.writeUInt32LE(content.length, 18)
  file.writeUInt16LE(path.length, 22)

  const local = Buffer.concat([word(LOCAL_HEADER), file, path, content])
  const place = Buffer.alloc(14)
  place.writeUInt32LE(ATTRIBUTES, 6)
  const central = Buffer.concat([word(CENTRAL_HEADER), half(VERSION), file, place, path])

  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(local.length, 12)
  return Buffer.concat([local, central, word(END), end])
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function half(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

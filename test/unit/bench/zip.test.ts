import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { zipOf } from '../../../bench/delays/bare/zip.ts'

it('zipOf makes an archive whose directory leads to the file', () => {
  const content = Buffer.from('export const handler = () => 1\n')

  const zip = Buffer.from(zipOf('handler.mjs', content))

  const end = zip.subarray(-22)
  expect(end.readUInt32LE(0)).toBe(0x06054b50)
  expect(end.readUInt16LE(10)).toBe(1)
  const central = zip.subarray(end.readUInt32LE(16))
  expect(central.readUInt32LE(0)).toBe(0x02014b50)
  expect(central.subarray(46, 46 + central.readUInt16LE(28)).toString()).toBe('handler.mjs')
  const local = zip.subarray(central.readUInt32LE(42))
  expect(local.readUInt32LE(0)).toBe(0x04034b50)
  expect(local.readUInt32LE(14)).toBe(crc32(content))
  const begin = 30 + local.readUInt16LE(26)
  expect(local.subarray(begin, begin + local.readUInt32LE(18))).toEqual(content)
})

import zlib from 'node:zlib'

/**
 * A zip archive of these files, deflated unless `isStored`; sizes in the directory can be
 * falsified.
 */
export const zip = (
  files: Readonly<Record<string, string>>,
  { isStored = false, claimed }: { readonly isStored?: boolean; readonly claimed?: number } = {},
): Uint8Array => {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const packed = isStored ? Buffer.from(content) : zlib.deflateRawSync(content)
    const fixed = Buffer.alloc(26)
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt16LE(isStored ? 0 : 8, 4)
    fixed.writeUInt32LE(zlib.crc32?.(content) ?? 0, 10)
    fixed.writeUInt32LE(packed.length, 14)
    fixed.writeUInt32LE(claimed ?? Buffer.byteLength(content), 18)
    fixed.writeUInt16LE(Buffer.byteLength(name), 22)
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), fixed, Buffer.from(name), packed)
    const rest = Buffer.alloc(16)
    rest.writeUInt32LE(offset, 12)
    directory.push(
      Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
      fixed.subarray(0, 24),
      Buffer.alloc(2),
      rest.subarray(2),
      Buffer.from(name),
    )
    offset = bodies.reduce((sum, part) => sum + part.length, 0)
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(directory.length / 5, 4)
  end.writeUInt16LE(directory.length / 5, 6)
  end.writeUInt32LE(size, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...bodies, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end])
}

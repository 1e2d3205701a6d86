// Joins PNGs of one kind to an animated PNG, which browsers and GitHub show as they show any PNG. https://www.w3.org/TR/png-3/#apng-frame-based-animation
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])

/**
 * @param {{ width: number, height: number }} size
 * @param {readonly { x: number, y: number, width: number, height: number, ms: number, png: Buffer }[]} frames the first one covers all
 */
export function animate (size, frames) {
  const parts = frames.map(({ png }) => read(png))
  const header = parts[0].header
  if (header.readUInt32BE(0) !== size.width || header.readUInt32BE(4) !== size.height) throw new Error('the first frame does not cover the picture')
  // Everything but the size: depth, colours, filters.
  if (parts.some(one => !one.header.subarray(8).equals(header.subarray(8)))) throw new Error('the frames are not of one kind')
  let sequence = 0
  const chunks = [chunk('IHDR', header), chunk('acTL', numbers(frames.length, 0))]
  for (const [i, { x, y, ms }] of frames.entries()) {
    const { header, data } = parts[i]
    // Shown over what is there, and left there.
    chunks.push(chunk('fcTL', Buffer.concat([numbers(sequence++, header.readUInt32BE(0), header.readUInt32BE(4), x, y), Buffer.from([ms >> 8, ms & 255, 1000 >> 8, 1000 & 255, 0, 0])])))
    chunks.push(i === 0 ? chunk('IDAT', data) : chunk('fdAT', Buffer.concat([numbers(sequence++), data])))
  }
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))])
}

/** The header, and the data packed as small as can be. */
function read (png) {
  const data = []
  let header
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const content = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') header = content
    if (type === 'IDAT') data.push(content)
    at += length + 12
  }
  return { header, data: deflateSync(inflateSync(Buffer.concat(data)), { level: 9 }) }
}

function chunk (type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  return Buffer.concat([numbers(content.length), body, numbers(crc32(body))])
}

function numbers (...values) {
  const buffer = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) buffer.writeUInt32BE(value, 4 * i)
  return buffer
}

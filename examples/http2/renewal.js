// Reads and checks a certificate and its key, and reads them again when the files change.
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'

const HOW = 'make a new one with "node examples/http2/certificates.js"'
/** The two files are not written at the same moment. */
const QUIET_MS = 200

/** Returns `{ key, cert }` for Node's TLS. Throws an error of one line that says what to do. */
export function readCertificate (files) {
  const cert = read(files.cert, 'certificate')
  const key = read(files.key, 'key')
  const parsed = parse(() => new X509Certificate(cert), files.cert, 'certificate')
  const secret = parse(() => createPrivateKey(key), files.key, 'private key')
  if (!parsed.checkPrivateKey(secret)) throw new Error(`The key ${files.key} does not belong to the certificate ${files.cert}: use the key that was issued with it, or ${HOW}`)
  if (Date.parse(parsed.validTo) < Date.now()) throw new Error(`The certificate ${files.cert} expired on ${day(parsed.validTo)}: ${HOW}`)
  if (Date.parse(parsed.validFrom) > Date.now()) throw new Error(`The certificate ${files.cert} is not valid before ${day(parsed.validFrom)}: check the clock, or ${HOW}`)
  return { key, cert }
}

/** Calls `use` with every renewed certificate. Reports an invalid one, and keeps the one in use. Returns a function that stops watching. */
export function watchCertificate (files, use, say = console.error) {
  let current = String(readCertificate(files).cert)
  let timer
  const check = () => {
    try {
      const renewed = readCertificate(files)
      if (String(renewed.cert) === current) return
      use(renewed)
      current = String(renewed.cert)
    } catch (error) {
      say(`${error.message} (the previous one stays in use)`)
    }
  }
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(check, QUIET_MS)
  }
  // Folders, not files: a renewal replaces the file, or the link to it.
  const watchers = [...new Set([dirname(files.cert), dirname(files.key)])].map(folder => watch(folder, later))
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}

function read (path, what) {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Error(`The ${what} ${path} cannot be read (${error.code}): ${HOW}`)
  }
}

function parse (make, path, what) {
  try {
    return make()
  } catch {
    throw new Error(`${path} contains no ${what} in PEM form: ${HOW}`)
  }
}

const day = date => new Date(date).toISOString().slice(0, 10)

// Modules as Node itself loads them: packages, and files of which no newer code is wanted.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'

export type Namespace = Record<string, unknown>

/** Namespaces that Node has given, so that a function that cannot wait finds them. They live as long as the process anyway. */
const NATIVE = new Map<string, Namespace>()

/** `from`: the file that imports it. */
export async function importNative (url: string, from: string): Promise<Namespace> {
  const known = NATIVE.get(url)
  if (known !== undefined) return known
  try {
    const namespace = await (url.endsWith('.json') ? import(url, { with: { type: 'json' } }) : import(url)) as Namespace
    NATIVE.set(url, namespace)
    return namespace
  } catch (error) {
    throw blame(error, from)
  }
}

/** The same at once. What was not imported before is required. */
export function importNativeNow (url: string, from: string): Namespace {
  const known = NATIVE.get(url)
  if (known !== undefined) return known
  const exports = createRequire(from)(url.startsWith('file:') ? fileURLToPath(url) : url) as unknown
  if (types.isModuleNamespaceObject(exports)) return exports as Namespace
  return { ...exports as Namespace, default: exports }
}

/** It was this file that asked Node, and another that wanted it. */
function blame (error: unknown, from: string): unknown {
  if (error instanceof Error && Reflect.get(error, 'code') === 'ERR_MODULE_NOT_FOUND') error.message = error.message.replace(fileURLToPath(import.meta.url), from)
  return error
}

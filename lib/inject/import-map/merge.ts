// An import map as the content of a script, alone or together with that of the page. Pure.

export interface ImportMap {
  readonly imports: Readonly<Record<string, string>>
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** In ASCII, so that it may stand in a page of any charset. Nothing in it ends the script. */
export function writeMap (map: object): string {
  return JSON.stringify(map).replace(/[<\u0080-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The page has the last word about every name. `undefined` when browsers would not take its map either. */
export function mergeMap (own: string, map: ImportMap): object | undefined {
  let given: unknown
  try {
    given = JSON.parse(own)
  } catch {
    return undefined
  }
  if (!isRecord(given)) return undefined
  const { imports = {}, scopes = {} } = given
  if (!isRecord(imports) || !isRecord(scopes)) return undefined
  const merged: Record<string, unknown> = { ...map.scopes }
  for (const [scope, names] of Object.entries(scopes)) merged[scope] = isRecord(names) ? { ...map.scopes[scope], ...names } : names
  return { ...given, imports: { ...map.imports, ...imports }, scopes: merged }
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// The URL path at which a root is served.

/** Percent-encoded, so that it may stand in a header and be compared with a URL. `mount` is the prefix of the scope that registered the plugin. */
export function rootUrl (mount: string, prefix: string): string {
  return `${mount}${prefix}`.split('/').map(encodeURIComponent).join('/')
}

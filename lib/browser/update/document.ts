// This page as the server makes it now, parsed but not shown. By XMLHttpRequest: it parses without a sink of Trusted Types.

/** Milliseconds it may take: other updates wait for it. */
const PATIENCE = 5000

/** Throws when it is no page, or another one, or too late, or was aborted by `watch`. */
export function fetchDocument (url: URL, watch?: (request: XMLHttpRequest) => void): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('GET', url)
    request.responseType = 'document'
    request.timeout = PATIENCE
    request.setRequestHeader('cache-control', 'no-cache')
    request.onloadend = () => {
      // What leads on to another page answers nothing of its own.
      if (request.status === 200 && request.response && !request.getResponseHeader('x-no-page')) resolve(request.response)
      else reject(new Error('no page'))
    }
    watch?.(request)
    request.send()
  })
}

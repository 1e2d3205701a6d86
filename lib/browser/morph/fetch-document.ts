// Fetches a document and parses it without showing it. `XMLHttpRequest` parses without a sink of Trusted Types.

/** Later updates wait for the answer. */
const FETCH_TIMEOUT_MS = 5000

/** Resolves with the request, also when it failed: then it has no `response`. `prepare` is called before it is sent. */
export function fetchDocument (url: string, prepare: (request: XMLHttpRequest) => void): Promise<XMLHttpRequest> {
  return new Promise(resolve => {
    const request = new XMLHttpRequest()
    request.open('GET', url)
    request.responseType = 'document'
    request.timeout = FETCH_TIMEOUT_MS
    request.onloadend = () => resolve(request)
    prepare(request)
    request.send()
  })
}

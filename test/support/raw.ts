// The former names of test/support/http.ts, until every test uses the new ones.
import { request, send, type Answer, type Headers, type SendOptions, upgrade } from './http.js'

export type RawOptions = SendOptions
export type RawReply = Omit<Answer, 'body'> & { readonly body: string }

const asText = (answer: Answer): RawReply => ({ ...answer, body: answer.text })

export async function raw (port: number, bytes: string | Buffer, options: SendOptions = {}): Promise<RawReply> {
  return asText(await send(port, bytes, options))
}

export async function rawGet (port: number, path: string, headers: Headers = ['Host: localhost'], method = 'GET'): Promise<RawReply> {
  return asText(await request(port, path, { method, headers }))
}

export async function rawUpgrade (port: number, path: string, headers: Headers = ['Host: localhost'], options: SendOptions = {}): Promise<RawReply> {
  return asText(await upgrade(port, path, headers, options))
}

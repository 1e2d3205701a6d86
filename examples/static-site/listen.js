// Listens on port 3000 or the next free one, unless a port is given.

/** Returns the address, and says when it is not the usual one. */
export async function listen (app, asked, host = '127.0.0.1') {
  if (asked !== undefined) return app.listen({ host, port: Number(asked) })
  for (let port = 3000; port < 3010; port++) {
    try {
      return await app.listen({ host, port })
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error
      console.log(`Port ${port} is taken.`)
    }
  }
  return app.listen({ host, port: 0 })
}

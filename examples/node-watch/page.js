const greeting = 'Hello from the server'

export const page = ({ pid, started }) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>node-watch</title>
  <link rel="icon" href="data:,">
  <style>
    :root { color-scheme: light dark }
    body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 24px; font: 18px/1.6 system-ui, sans-serif }
    h1 { margin: 0; color: light-dark(#0b7a5b, #52dba9); letter-spacing: -.02em }
    code { font-size: .9em }
  </style>
</head>
<body>
  <h1>${greeting}</h1>
  <p>Process <code id="pid">${pid}</code>, started <time>${started}</time>.</p>
</body>
</html>
`

// A helper: its name begins with `_`, so it is no plugin. Who imports it is reloaded when it changes.
export const shout = text => `${text}!`

// Firefox ESR passes the smoke suite (`npm run test:browsers`).
import { firefox } from '../support/firefox.js'
import { smoke } from '../support/smoke.js'

smoke('Firefox', firefox)

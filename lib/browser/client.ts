// The page's end of live reload: one script tag, one connection, one global.
import { launch } from './launch.js'

launch()

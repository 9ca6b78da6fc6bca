import './elements/sluice-app.ts'
import { applyTheme, loadTheme } from './theme.ts'

applyTheme(loadTheme())

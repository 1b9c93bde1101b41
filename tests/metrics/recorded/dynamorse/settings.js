'use strict'

module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT),
  functionGlobalContext: {},
  logging: { console: { level: 'warn' } }
}

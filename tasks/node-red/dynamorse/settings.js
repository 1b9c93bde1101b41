'use strict'

/**
 * The settings of the Node-RED in which dynamorse works: version 1.3.7 on Node.js 12, the same in the container and in
 * the local cloud. Who gets in, and what may be installed, is as in ../settings.js.
 */

const machine = require('../machine-settings.js')

module.exports = {
  uiHost: machine.uiHost,
  uiPort: machine.uiPort,
  flowFile: machine.flowFile,
  flowFilePretty: machine.flowFilePretty,

  // A getter, because Node-RED sets userDir (from --userDir) only after it has read this file.
  get credentialSecret () { return machine.credentialSecret(this.userDir) },

  adminAuth: machine.adminAuth,
  // httpNodeAuth takes only a name and a password in this version; a middleware guards the flows' routes all the same.
  httpNodeMiddleware: machine.httpNodeAuth,
  // A WebSocket of a flow is for the holder of the handlers' token.
  webSocketNodeVerifyClient: (info) => machine.isHandler(info.req),

  externalModules: {
    autoInstall: false,
    palette: machine.palette,
    modules: { allowInstall: false }
  },

  logging: machine.logging,
  editorTheme: {
    tours: false,
    projects: { enabled: false },
    header: { title: machine.title },
    page: { title: machine.title }
  }
}

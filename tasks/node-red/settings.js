'use strict'

/** Node-RED's settings, the same in the container and in the local cloud. All that differs comes from the environment. */

const machine = require('./machine-settings.js')

module.exports = {
  uiHost: machine.uiHost,
  uiPort: machine.uiPort,
  flowFile: machine.flowFile,
  flowFilePretty: machine.flowFilePretty,

  // A getter, because Node-RED sets userDir (from --userDir) only after it has read this file.
  get credentialSecret () { return machine.credentialSecret(this.userDir) },

  adminAuth: machine.adminAuth,
  httpNodeAuth: machine.httpNodeAuth,
  webSocketNodeVerifyClient: ({ req }) => machine.isHandler(req),

  externalModules: {
    autoInstall: false,
    palette: machine.palette,
    modules: { allowInstall: false }
  },
  functionExternalModules: false,

  logging: machine.logging,
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: {
    tours: false,
    projects: { enabled: false },
    header: { title: machine.title },
    page: { title: machine.title }
  }
}

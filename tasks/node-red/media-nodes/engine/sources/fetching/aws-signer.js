'use strict'

const { createHash, createHmac } = require('node:crypto')
const { fromEnv } = require('@aws-sdk/credential-provider-env')
const { fromHttp } = require('@aws-sdk/credential-provider-http')

/** Node's SHA-256 as the signer takes it. */
class Sha256 {
  #hash
  constructor (secret) {
    this.#hash = secret ? createHmac('sha256', secret) : createHash('sha256')
  }

  update (data) {
    this.#hash.update(data)
  }

  async digest () {
    return new Uint8Array(this.#hash.digest())
  }
}

/** The environment's credentials, or the container's; without any, what anybody may have can still be had. */
function credentialsOf (environment) {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = environment
  if (environment.AWS_ACCESS_KEY_ID) return fromEnv()
  return relative || full ? fromHttp({}) : async () => null
}

module.exports = { Sha256, credentialsOf }

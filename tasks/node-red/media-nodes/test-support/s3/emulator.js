'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')

const PROGRAM = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
`

/** A real HTTP S3 (moto's) of this test's own; it ends with the test's process, however that ends. */
async function s3Emulator () {
  const server = spawn('python', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [line] = await once(server.stdout, 'data')
  const endpoint = `http://127.0.0.1:${Number(line)}`
  return {
    environment: { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    async close () {
      server.stdin.end()
      await once(server, 'exit')
    }
  }
}

module.exports = { s3Emulator }

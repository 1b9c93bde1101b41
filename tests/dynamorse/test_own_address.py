"""What dynamorse's Node-RED opens on a laptop: on its machine's own address, and nobody else's ports."""

import json
import os
import socket
import subprocess

from local_cloud import toolchain
from tests.dynamorse.conftest import skip_where_node_12_is_not_to_be_had

ADDRESS = "127.0.0.81"
SCRIPT = """
const http = require('http'), dgram = require('dgram')
const told = {}
const server = http.createServer((request, response) => response.end('own')).listen(1880)
server.on('listening', () => {
  told.http = server.address().address
  http.get({ host: 'localhost', port: 1880, path: '/flows' }, (response) => {
    told.asked = response.socket.remoteAddress
    response.resume()
    server.close()
    const osc = dgram.createSocket('udp4')
    osc.bind(8000, '0.0.0.0', () => {
      told.osc = osc.address().address
      osc.close()
      const mdns = dgram.createSocket({ type: 'udp4', reuseAddr: true })
      mdns.bind({ port: 5353 }, () => {
        mdns.addMembership('224.0.0.251')
        told.mdns = mdns.address().address
        mdns.send(Buffer.from('x'), 0, 1, 5353, '224.0.0.251', () => {
          mdns.close()
          http.get({ host: 'localhost', port: ELSEWHERE }, (response) => {
            told.elsewhere = response.socket.remoteAddress
            response.resume()
            response.on('end', () => console.log(JSON.stringify(told)))
          })
        })
      })
    })
  })
})
"""


def test_it_opens_its_own_address_only_and_finds_itself_at_localhost() -> None:
    skip_where_node_12_is_not_to_be_had()
    toolchain.install_packages(toolchain.DYNAMORSE_FOLDER)
    preload = toolchain.DYNAMORSE_FOLDER / "laptop" / "own-address.js"
    with socket.create_server(("127.0.0.1", 0)) as registry:
        script = SCRIPT.replace("ELSEWHERE", str(registry.getsockname()[1]))
        with subprocess.Popen(
            [toolchain.dynamorse_programs() / "node", "--require", preload, "--eval", script],
            env=os.environ | {"NODE_RED_HOST": ADDRESS},
            stdout=subprocess.PIPE,
        ) as node:
            registry.settimeout(20)
            asking, _ = registry.accept()
            with asking:
                asking.recv(65536)
                asking.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            told = json.loads(node.communicate(timeout=20)[0])
    assert told == {
        **dict.fromkeys(("http", "asked", "osc", "mdns"), ADDRESS),
        "elsewhere": "127.0.0.1",
    }

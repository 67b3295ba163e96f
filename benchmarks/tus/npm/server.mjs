// The tus server of npm behind mutual TLS, storing in a folder; says its port when it listens.
//     node server.mjs --dir DIR --cert PEM --key PEM --client-ca PEM --received FILE
// FILE gets one line for each connection that has ended: the bytes that were read from it.
import { createServer } from "node:https";
import { appendFileSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const { values } = parseArgs({
  options: Object.fromEntries(
    ["dir", "cert", "key", "client-ca", "received"].map((name) => [name, { type: "string" }]),
  ),
});
const tus = new Server({
  path: "/files",
  respectForwardedHeaders: false,
  relativeLocation: true,
  datastore: new FileStore({ directory: values.dir }),
});
const server = createServer(
  {
    cert: readFileSync(values.cert),
    key: readFileSync(values.key),
    ca: readFileSync(values["client-ca"]),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
  },
  tus.handle.bind(tus),
);
server.requestTimeout = 0;
server.on("connection", (socket) => {
  socket.on("close", () => appendFileSync(values.received, `${socket.bytesRead}\n`));
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ ready: true, port: server.address().port }));
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

// hocuspocus with its Redis extension: peer_hocuspocus.mjs PORT REDIS_PORT PASSWORD
import { Redis } from '@hocuspocus/extension-redis';
import { Server } from '@hocuspocus/server';

const [port, redis, password] = process.argv.slice(2);
const server = new Server({
  port: Number(port),
  address: '127.0.0.1',
  quiet: true,
  extensions: [
    new Redis({ host: '127.0.0.1', port: Number(redis), options: { password } })
  ]
});
await server.listen();

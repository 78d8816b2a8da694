import { startServiceProcess } from '../service-process.ts';
import { createPaymentServer, listenOnLoopback } from './server.ts';

const { record, serve, tell } = startServiceProcess(process.env);
const { close, url } = await listenOnLoopback(createPaymentServer(record));

serve(() => undefined, close);
tell({ kind: 'ready', url });

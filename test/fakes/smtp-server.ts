import { createServer, type AddressInfo, type Socket } from 'node:net';

type Script = {
  /** Answers to a command's first word, instead of success; `drop` ends the connection without a word. */
  readonly answers?: Readonly<Record<string, string>>;
};

/** An SMTP server on loopback that takes mail, or fails where it is told to. */
export const startSmtpServer = async ({ answers = {} }: Script = {}) => {
  const mails: string[] = [];
  const sockets = new Set<Socket>();

  const serve = (socket: Socket): void => {
    sockets.add(socket);
    let data: string[] | undefined;
    let rest = '';
    const say = (line: string): void => {
      if (line === 'drop') socket.destroy();
      else socket.write(`${line}\r\n`);
    };
    say('220 test ready');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (data && line !== '.') {
          data.push(line);
          continue;
        }
        if (data) {
          mails.push(data.join('\r\n'));
          data = undefined;
          say(answers['.'] ?? '250 taken');
          continue;
        }
        const word = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
        const answer = answers[word];
        if (answer) say(answer);
        else if (word === 'EHLO') say('250-test\r\n250 AUTH PLAIN');
        else if (word === 'AUTH') say('235 welcome');
        else if (word === 'DATA') {
          data = [];
          say('354 go on');
        } else if (word === 'QUIT') say('221 bye');
        else say('250 fine');
      }
    });
  };

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
};

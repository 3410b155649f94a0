/** RabbitMQ 3.10, as a broker of STOMP 1.0, 1.1 and 1.2. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { noProgram } from "../../support/programs.ts";
import {
  freePlace,
  freePort,
  type Place,
  type ServerCommand,
  ServerProcess,
  startServer,
} from "../../support/server_process.ts";

// The one in /usr/sbin changes the user and the folders.
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** Why tests with RabbitMQ are skipped; `false` where they are not. */
export const noRabbitmq: false | string = noProgram(program);

/** What a STOMP client logs in with. */
export const rabbitmqLogin = {
  login: "guest",
  passcode: "guest",
  host: "/",
} as const;

/**
 * Starts RabbitMQ for STOMP alone. That takes six to twelve seconds, the first time and
 * after each kill. Durable queues and persistent messages outlive a kill.
 */
export async function startRabbitmq(): Promise<ServerProcess> {
  // Erlang would leave a port mapper of its own behind.
  const portMapper = await startServer("epmd", ({ port }) => ({
    command: ["epmd", "-port", `${port}`, "-address", "127.0.0.1", "-debug"],
    ready: "epmd running",
  }));
  const place = await freePlace("rabbitmq");
  const broker = new Rabbitmq(
    place,
    portMapper,
    await commandAt(place, portMapper),
  );
  await broker.start();
  return broker;
}

class Rabbitmq extends ServerProcess {
  readonly #portMapper: ServerProcess;

  constructor(place: Place, portMapper: ServerProcess, command: ServerCommand) {
    super(place, command);
    this.#portMapper = portMapper;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#portMapper[Symbol.asyncDispose]();
  }
}

async function commandAt(
  { port, folder }: Place,
  portMapper: ServerProcess,
): Promise<ServerCommand> {
  const config = join(folder, "rabbitmq.conf");
  const plugins = join(folder, "plugins");
  writeFileSync(
    config,
    `listeners.tcp = none
stomp.listeners.tcp.1 = 127.0.0.1:${port}
log.console = true
log.file = false
`,
  );
  writeFileSync(plugins, "[rabbitmq_stomp].");
  return {
    command: [program],
    ready: "Server startup complete",
    env: {
      HOME: folder,
      ERL_EPMD_PORT: `${portMapper.port}`,
      // Without a shell that stays, so that the kill is one of the broker.
      RUNNING_UNDER_SYSTEMD: "true",
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      RABBITMQ_NODENAME: `framewire-${port}@localhost`,
      RABBITMQ_DIST_PORT: `${await freePort()}`,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        "-kernel inet_dist_use_interface {127,0,0,1}",
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
      RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
      RABBITMQ_LOG_BASE: join(folder, "log"),
    },
  };
}

import * as z from 'zod';
import type { DeployedConfigurationSet } from './deployment.ts';
import { read, unread, type Resolved } from './read-resources.ts';

const setSchema = z.strictObject({
  Name: unread,
  ...{ DeliveryOptions: unread, ReputationOptions: unread, SendingOptions: unread, SuppressionOptions: unread },
});

const destinationSchema = z.strictObject({
  ConfigurationSetName: z.string(),
  EventDestination: z.strictObject({
    Name: unread,
    Enabled: z.coerce.string(),
    MatchingEventTypes: z.array(z.string()),
    EventBridgeDestination: z.strictObject({
      EventBusArn: z.string().endsWith(':event-bus/default', { error: 'must be the default bus, as SES has it' }),
    }),
  }),
});

/** What SES tells to EventBridge about mails, by the name that they are sent under. */
export const readConfigurationSets = (
  sets: readonly Resolved[],
  destinations: readonly Resolved[],
): DeployedConfigurationSet[] => {
  const told = destinations.map((one) => read(destinationSchema, one));
  return sets.map((one) => {
    read(setSchema, one);
    const own = told.filter(({ ConfigurationSetName }) => ConfigurationSetName === one.identity.name);
    return {
      name: one.identity.name,
      events: own.flatMap(({ EventDestination: { Enabled, MatchingEventTypes } }) =>
        Enabled === 'true' ? MatchingEventTypes.map((type) => type.toLowerCase()) : [],
      ),
    };
  });
};

/** What the engine does, by hand: feature to the tests that show it. `…` at the end of a title stands for the rest. */
export type Rows = Readonly<Record<string, readonly string[]>>;

const output = 'features: Assign and Output › ';
const next = ['features: Map › goes on to Next with its Output'];
const retry = 'errors: Retry › ';
const caught = 'errors: Catch › ';

/** `Type.Field` for every field that a state may have, and what else there is to know of it. */
export const features: Rows = {
  'Task.Resource': ['states: Task › calls a function by its ARN with Arguments and answers its result'],
  'Task.Resource of the Lambda integration': ['states: Task › the Lambda integration wraps the answer of the function'],
  'Task.Resource with a task token': [
    'tokens: A task that waits for its token › goes on with the output that SendTaskSuccess brings',
  ],
  'Task.Arguments': [
    'states: Task › calls a function by its ARN with Arguments and answers its result',
    'states: Task › without Arguments gives the function the input of the state',
  ],
  'Task.TimeoutSeconds': [
    'errors: Time limits › a task that takes too long fails as States.Timeout',
    'features: A task › of the integration is late as States.Timeout, with an event of its own',
  ],
  'Task.TimeoutSeconds by an expression': [
    'features: A task › takes HeartbeatSeconds and TimeoutSeconds from expressions',
  ],
  'Task.HeartbeatSeconds': [
    'tokens: A task that waits for its token › is given up when its heartbeats stop',
    'tokens: A task that waits for its token › is late after TimeoutSeconds whatever its heartbeats',
  ],
  'Task.HeartbeatSeconds by an expression': [
    'features: A task › takes HeartbeatSeconds and TimeoutSeconds from expressions',
  ],
  'Task.Next': [
    'errors: Catch › goes on with Output and Assign that see the error',
    'session: A session › %s ends alike…',
  ],
  'Task.End': ['states: Task › calls a function by its ARN with Arguments and answers its result'],
  'Task.Output': [`${output}of a Task see its result`],
  'Task.Assign': [
    `${output}of a Task see its result`,
    'features: Variables › are given on by a Catch, and kept over a Retry',
  ],
  'Task.Retry': [
    `${retry}waits longer from attempt to attempt, up to MaxDelaySeconds`,
    `${retry}each retrier counts for itself`,
  ],
  'Task.Catch': [
    `${caught}goes on with Output and Assign that see the error`,
    `${caught}comes after Retry has given up`,
  ],
  'Parallel.Branches': [
    'branches: Parallel › answers the outputs in order; branches read outer variables and keep their own',
    'branches: Parallel › one failing branch stops the others and fails the state',
  ],
  'Parallel.Branches and their scopes': [
    'features: Variables › of an iteration or a branch are not seen outside, nor by its siblings',
    'branches: Parallel › answers the outputs in order; branches read outer variables and keep their own',
  ],
  'Parallel.Arguments': [
    'branches: Parallel › answers the outputs in order; branches read outer variables and keep their own',
    'features: Parallel › without Arguments gives each branch its input',
  ],
  'Parallel.Next': ['features: Succeed and Fail › Succeed ends its branch alone'],
  'Parallel.End': ['features: Parallel › without Arguments gives each branch its input'],
  'Parallel.Output': [`${output}of a Parallel see its result`],
  'Parallel.Assign': [`${output}of a Parallel see its result`],
  'Parallel.Retry': ['features: Parallel › that is retried starts all branches over'],
  'Parallel.Catch': [`${caught}catches what a Map or a Parallel fails with`],
  'Map.ItemProcessor': [
    'branches: Map › runs one iteration for each item and answers their outputs in order',
    'branches: Map › an empty list succeeds with an empty list',
  ],
  'Map.ItemProcessor in an ItemProcessor': [
    'features: Map › in a Map tells each its own item',
    'redrive: RedriveExecution › of a Map in a Map repeats nothing on either level',
  ],
  'Map.ItemProcessor and its scopes': [
    'features: Variables › of an iteration or a branch are not seen outside, nor by its siblings',
  ],
  'Map.Items': [
    'features: Map › without Items takes its input',
    'features: Map › takes Items as a list with expressions in it',
    'branches: Map › Items that are no list are a failed evaluation',
  ],
  'Map.ItemSelector': ['branches: Map › ItemSelector sees the item, and the iteration sees it in the context'],
  'Map.MaxConcurrency': [
    'branches: Map › MaxConcurrency bounds how many run at a time',
    'features: Map › takes MaxConcurrency from an expression',
    'features: Map › runs at most 40 iterations at a time',
  ],
  'Map.Next': next,
  'Map.End': ['branches: Map › runs one iteration for each item and answers their outputs in order'],
  'Map.Output': [`${output}of a Map see its result`],
  'Map.Assign': [`${output}of a Map see its result`],
  'Map.Retry': [`${retry}a Map that is retried starts over with all its iterations`],
  'Map.Catch': [`${caught}catches what a Map or a Parallel fails with`],
  'Pass.Next': ['states: Pass › evaluates Output and Assign with the variables as they were'],
  'Pass.End': ['states: Pass › hands its input on when it has no Output'],
  'Pass.Output': [`${output}of a Pass see its input`, 'states: Pass › hands its input on when it has no Output'],
  'Pass.Assign': [
    `${output}of a Pass see its input`,
    `${output}write what they write together: both see the variables as they were`,
  ],
  'Wait.Seconds': [
    'states: Wait › waits for Seconds, given or computed',
    'states: Wait › refuses a computed Seconds of -1',
    'states: Wait › a wait of more than 25 days does not overflow the timer',
  ],
  'Wait.Timestamp': [
    'states: Wait › waits until Timestamp, and not at all when it has passed',
    'states: Wait › refuses a computed Timestamp of tomorrow',
  ],
  'Wait.Next': [`${output}of a Wait see its input`],
  'Wait.End': ['states: Wait › waits for Seconds, given or computed'],
  'Wait.Output': [`${output}of a Wait see its input`],
  'Wait.Assign': [`${output}of a Wait see its input`],
  'Choice.Choices': ['states: Choice › takes the first rule that is met, with its Assign and Output'],
  'Choice.Default': [
    'states: Choice › takes Default when no rule is met',
    'states: Choice › without Default fails as States.NoChoiceMatched',
  ],
  'Choice.Output': [`${output}of a Choice itself belong to its Default, those of a rule to the rule`],
  'Choice.Assign': [`${output}of a Choice itself belong to its Default, those of a rule to the rule`],
  'Succeed.Output': [
    'states: Fail and Succeed › Succeed ends the machine with its Output',
    'features: Succeed and Fail › Succeed without Output hands its input on',
    'features: Succeed and Fail › Succeed ends its branch alone',
  ],
  'Fail.Error': [
    'states: Fail and Succeed › Fail evaluates Error and Cause',
    'features: Succeed and Fail › Fail needs neither Error nor Cause',
    'features: Succeed and Fail › a Fail whose Error is no text is a failed evaluation',
  ],
  'Fail.Cause': ['states: Fail and Succeed › Fail evaluates Error and Cause'],
  'Retry.ErrorEquals': [`${retry}the first retrier that matches decides: MaxAttempts 0 means not again`],
  'Retry.IntervalSeconds': [`${retry}waits longer from attempt to attempt, up to MaxDelaySeconds`],
  'Retry.BackoffRate': [`${retry}waits longer from attempt to attempt, up to MaxDelaySeconds`],
  'Retry.MaxAttempts': [`${retry}gives up after MaxAttempts, three unless told otherwise`],
  'Retry.MaxDelaySeconds': [`${retry}waits longer from attempt to attempt, up to MaxDelaySeconds`],
  'Retry.JitterStrategy': [`${retry}full jitter takes between nothing and the whole delay (0.25)`],
  'Catch.ErrorEquals': ['error-names: Error names › one catcher takes several names'],
  'Catch.Next': [`${caught}goes on with Output and Assign that see the error`],
  'Catch.Output': [
    `${caught}goes on with Output and Assign that see the error`,
    `${caught}without Output hands on the error`,
  ],
  'Catch.Assign': [`${caught}goes on with Output and Assign that see the error`],
  'Choices.Condition': [
    'states: Choice › takes the first rule that is met, with its Assign and Output',
    'states: Choice › a condition that is not a boolean is a failed evaluation',
  ],
  'Choices.Next': ['states: Choice › takes the first rule that is met, with its Assign and Output'],
  'Choices.Output': [`${output}of a Choice itself belong to its Default, those of a rule to the rule`],
  'Choices.Assign': [`${output}of a Choice itself belong to its Default, those of a rule to the rule`],
  'Machine.TimeoutSeconds': [
    'errors: Time limits › an execution that takes too long ends as TIMED_OUT',
    'session: A session › is over after its time whatever happens, and a late bot is told so',
  ],
  'The context object': [
    'states: The context object › tells the execution, the machine and the state',
    `${retry}the context tells how often the state was retried`,
  ],
  'Limit of a payload': [
    'errors: Limits › a result of 256 KiB passes, one byte more fails as States.DataLimitExceeded',
    'errors: Limits › Arguments, Output and variables are measured too',
  ],
  'Limit of the variables': [
    `${output}all variables of one Assign share 256 KiB`,
    `${output}all variables together hold 10 MiB`,
  ],
  'Limit of the history': ['errors: Limits › an execution ends at 25,000 events'],
  'Expressions and literals': [
    'expressions: Expressions › stand in strings that begin and end with the marks; all else is literal',
    'expressions: Expressions › leave lists as they are, of one element too',
    'expressions: Expressions › write numbers that JSON does not know as words',
  ],
  'Limits of an expression': ['expressions: An expression that would never end, or never stop growing, › …'],
};

/** The error names of the Amazon States Language, and those of Lambda; a reason stands for a name that cannot come about. */
export const errorNames: Readonly<Record<string, readonly string[] | string>> = {
  'States.ALL': [
    `${caught}goes on with Output and Assign that see the error`,
    'errors: Limits › only its own name catches States.DataLimitExceeded, not the wildcards',
  ],
  'States.DataLimitExceeded': [
    'errors: Limits › a result of 256 KiB passes, one byte more fails as States.DataLimitExceeded',
    'errors: Limits › only its own name catches States.DataLimitExceeded, not the wildcards',
  ],
  'States.HeartbeatTimeout': ['tokens: A task that waits for its token › is given up when its heartbeats stop'],
  'States.NoChoiceMatched': [
    'states: Choice › without Default fails as States.NoChoiceMatched',
    'error-names: Error names › States.NoChoiceMatched of a branch can be caught outside it',
  ],
  'States.QueryEvaluationError': [
    'expressions: A failed evaluation › …',
    `${caught}catches an expression of the state that fails`,
  ],
  'States.Runtime': [
    'error-names: Error names › States.Runtime is never caught, by its name neither',
    'errors: Limits › an execution ends at 25,000 events',
  ],
  'States.TaskFailed': [
    'error-names: Error names › States.TaskFailed matches what a function fails with',
    'errors: Time limits › States.TaskFailed does not match a time-out, States.Timeout does',
  ],
  'States.Timeout': [
    'errors: Time limits › a task that takes too long fails as States.Timeout',
    'errors: Time limits › a task that was late is tried again, and its function is told to stop',
  ],
  'Lambda.Unknown': ['error-names: Error names › Lambda.Unknown is a failure without a type'],
  'Lambda.TooManyRequestsException and other refusals of Lambda': [
    'errors: an error of the Lambda service gets its name with the service before it',
    'states: Task › a refusal of the Lambda service is an error of its own',
  ],
  'Names of a function’s own errors': [
    'states: Task › a function error fails with its type as error and the whole of it as cause',
  ],
  'States.BranchFailed': 'A Parallel fails with the error of its branch.',
  'States.ExceedToleratedFailureThreshold': 'Of the distributed Map, which is refused.',
  'States.Http.Socket': 'Of the HTTP integration, which is refused.',
  'States.IntrinsicFailure': 'Of JSONPath, which is refused.',
  'States.ItemReaderFailed': 'Of the distributed Map, which is refused.',
  'States.ParameterPathFailure': 'Of JSONPath, which is refused.',
  'States.Permissions': 'Roles are not enforced locally.',
  'States.ResultPathMatchFailure': 'Of JSONPath, which is refused.',
  'States.ResultWriterFailed': 'Of the distributed Map, which is refused.',
};

export const durability: Rows = {
  'Killed at any line of its log': [
    'durability: An engine that dies at any line of its log › goes on after a restart, to the same end, without repeating what was done',
    'session: A session › %s ends alike…',
    'durability: A failure is told once, wherever the engine dies on the way',
  ],
  'Killed for real, functions as processes': [
    'kill: An execution survives SIGKILL of the engine and of its functions; what was done is not repeated',
  ],
  'Waits keep their end': [
    'durability: An engine that dies at any line of its log › keeps its waits: the rest of the time is waited, not all of it',
  ],
  'Tokens stay valid': [
    'durability: An engine that dies at any line of its log › does not ask again when the token is out and the function has returned',
    'durability: After a restart › a token can be answered before the engine has resumed',
  ],
  'A function in flight is called again': [
    'durability: After a restart › a function in flight is called again with the same arguments, and all its time',
  ],
  'Time that ran out meanwhile': [
    'durability: After a restart › an execution whose time was up meanwhile ends without calling a function',
  ],
  'Status changes reach the event bus': [
    'durability: A status change › that the event bus did not accept is told again after a restart',
    'operations: Status changes › are told in order, with the fields of the event',
  ],
  'A damaged log is named': ['durability: a damaged log is named'],
  'Redrive of each kind of state': ['redrive: RedriveExecution › …'],
};

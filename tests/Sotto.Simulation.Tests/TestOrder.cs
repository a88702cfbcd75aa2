using Xunit.Sdk;
using Xunit.v3;

// A simulation makes the thread pool of the process small and looks at whether it is idle: nothing else may run beside it.
[assembly: Parallelization(Mode = ParallelMode.None)]

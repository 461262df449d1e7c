import java.util.concurrent.Callable;

/** What the runner tells a client, and the line protocol by which the client answers. */
final class Interop {
    static final String BOOTSTRAP = System.getenv("INTEROP_BOOTSTRAP");
    /** Every topic and group of this run starts with it. */
    static final String PREFIX = System.getenv("INTEROP_PREFIX");
    /** Timestamp of record 0; record i is i milliseconds later. */
    static final long BASE_TIME_MS = Long.parseLong(System.getenv("INTEROP_BASE_TIME_MS"));
    static final int RECORDS = Integer.parseInt(System.getenv("INTEROP_RECORDS"));
    static final long WAIT_MS = 30_000;

    private Interop() {}

    /** A step throws to fail, and may return a detail to show. */
    interface Step {
        void run() throws Exception;
    }

    static String topic(String suffix) {
        return PREFIX + "." + suffix;
    }

    static void step(String name, Step step) {
        long start = System.currentTimeMillis();
        try {
            step.run();
            System.out.println("STEP " + name + " ok " + (System.currentTimeMillis() - start) + " ms");
        } catch (Throwable error) {
            error.printStackTrace();
            System.out.println("STEP " + name + " fail " + error.toString().replace('\n', ' '));
        }
        System.out.flush();
    }

    static void unsupported(String reason, String... names) {
        for (String name : names) System.out.println("STEP " + name + " unsupported " + reason);
    }

    static void check(boolean condition, String message) {
        if (!condition) throw new AssertionError(message);
    }

    static void checkEqual(Object actual, Object expected, String what) {
        boolean equal = expected == null ? actual == null : expected.equals(actual);
        check(equal, what + ": expected " + expected + ", got " + actual);
    }

    /** Repeats a question until it is answered with true; for what a broker does a little later. */
    static void await(String what, Callable<Boolean> question) throws Exception {
        long deadline = System.currentTimeMillis() + WAIT_MS;
        while (!question.call()) {
            check(System.currentTimeMillis() < deadline, "waited in vain until " + what);
            Thread.sleep(100);
        }
    }

    /** Expects a failure whose cause has one of the given simple class names, separated by |. */
    static void expectFailure(String simpleNames, Callable<?> action) throws Exception {
        try {
            action.call();
        } catch (Exception error) {
            Throwable cause = error instanceof java.util.concurrent.ExecutionException ? error.getCause() : error;
            String name = cause.getClass().getSimpleName();
            check(java.util.Arrays.asList(simpleNames.split("\\|")).contains(name), "expected " + simpleNames + ", got " + cause);
            return;
        }
        throw new AssertionError("expected " + simpleNames + ", but the call succeeded");
    }
}

/** The steps that every release can do, and the choice between the two phases of a run. */
final class CommonSteps {
    private CommonSteps() {}

    /** Runs the second phase when that is asked for, and then ends the process. */
    static void crossReadAndExitIfAsked() {
        if (!"cross-read".equals(System.getenv("INTEROP_MODE"))) return;
        Interop.step("cross-read", RoundTrip::crossRead);
        System.exit(0);
    }

    static void run(String... codecs) {
        Interop.step("auto-create-topic", RoundTrip::autoCreate);
        Interop.step("acks", RoundTrip::acks);
        for (String codec : codecs) Interop.step("roundtrip-" + codec, () -> RoundTrip.run(codec));
        GroupShare groupShare = new GroupShare();
        Interop.step("group-share", groupShare::share);
        Interop.step("group-takeover", groupShare::takeOver);
        Interop.step("commit-resume", Offsets::commitResume);
        Interop.step("offset-bounds", Offsets::bounds);
    }
}

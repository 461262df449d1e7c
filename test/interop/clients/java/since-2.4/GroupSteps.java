import org.apache.kafka.clients.admin.AdminClient;

/** The steps that every release since 2.4 can do. */
final class GroupSteps {
    private GroupSteps() {}

    static void run(AdminClient admin, GroupAdmin groups) {
        Interop.step("group-static", () -> ModernGroups.staticMembership(admin));
        Interop.step("group-cooperative", ModernGroups::cooperative);
        Interop.step("alter-configs-incremental", () -> ClusterAdmin.alterConfigs(admin));
        Interop.step("elect-leaders", () -> ClusterAdmin.electLeaders(admin));
        Interop.step("list-reassignments", () -> ClusterAdmin.listReassignments(admin));
        Interop.step("list-groups", groups::list);
        Interop.step("describe-group", groups::describe);
        Interop.step("list-group-offsets", groups::listOffsets);
    }

    /** Ends the group's life, so that other steps about it must come before. */
    static void delete(GroupAdmin groups) {
        Interop.step("delete-group-offsets", groups::deleteOffsets);
        Interop.step("delete-group", groups::delete);
    }
}

using Sotto.Mls.Groups;

namespace Sotto.Mls.Tests.Rules;

/// <summary>An application that refuses what a test wants, and otherwise allows what RFC 9420 allows.</summary>
internal sealed class PickyPolicy : IGroupPolicy
{
    public Func<SentProposal, bool> RefusesProposal { get; init; } = _ => false;

    public Func<CommitView, bool> RefusesCommit { get; init; } = _ => false;

    public bool Allows(IGroupView group, SentProposal proposal) => !RefusesProposal(proposal);

    public bool Allows(CommitView commit) => !RefusesCommit(commit);
}

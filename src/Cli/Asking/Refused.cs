using Teal.Wire;

namespace Teal.Cli.Asking;

/// <summary>What the server refused, as an exit code and a message.</summary>
public static class Refused
{
    public static CliException Of(ProblemView problem) =>
        new(ExitOf(problem.Status), problem.Code, problem.Title, problem.Detail)
        {
            Places = problem.Places ?? [],
            Next = problem.Next ?? [],
        };

    /// <summary>400, 404, 413, 415 and 422 blame what was sent; 401 and 403 who sent it; 409 and 412 the moment; 428 wants a person's word.</summary>
    public static ExitCode ExitOf(int status) =>
        status switch
        {
            400 or 404 or 405 or 413 or 415 or 422 => ExitCode.Usage,
            401 or 403 => ExitCode.NotAllowed,
            409 or 412 => ExitCode.Conflict,
            428 => ExitCode.NeedsPerson,
            _ => ExitCode.InternalError,
        };
}

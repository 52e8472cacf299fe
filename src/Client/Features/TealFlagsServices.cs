using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace Teal.Client;

/// <summary>Teal's flags in a host.</summary>
public static class TealFlagsServices
{
    /// <summary>
    /// Registers <see cref="TealClient"/>, started with the host, and has it answer everything that asks Microsoft.FeatureManagement:
    /// <see cref="IFeatureManager"/>, <see cref="IVariantFeatureManager"/>, their snapshots, and with them <c>[FeatureGate]</c> and the tag
    /// <c>&lt;feature&gt;</c>. Who the user is says an <see cref="ITargetingContextAccessor"/>, where one is registered.
    /// </summary>
    /// <exception cref="ArgumentException">TEAL9450, when the client is made: an option cannot be.</exception>
    public static IServiceCollection AddTealFlags(this IServiceCollection services, Action<TealClientOptions> configure)
    {
        services.TryAddSingleton(_ =>
        {
            var options = new TealClientOptions();
            configure(options);
            return options;
        });
        services.TryAddSingleton(provider => new TealClient(
            provider.GetRequiredService<TealClientOptions>(),
            provider.GetService<ILogger<TealClient>>()
        ));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, TealClientHost>(provider => new TealClientHost(
                provider.GetRequiredService<TealClient>(),
                provider.GetRequiredService<TealClientOptions>(),
                provider.GetRequiredService<ILogger<TealClient>>()
            ))
        );
        return services.AddLogging().AddFeatures();
    }

    /// <summary>The same over a client of the caller's own: <see cref="TealClient.FromDocument"/> in a test of an application.</summary>
    public static IServiceCollection AddTealFlags(this IServiceCollection services, TealClient client)
    {
        services.Replace(ServiceDescriptor.Singleton(client));
        return services.AddFeatures();
    }

    /// <summary>Instead of what the package itself registers, whichever was first.</summary>
    private static IServiceCollection AddFeatures(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new LiveFeatures(
            provider.GetRequiredService<TealClient>(),
            provider.GetService<ITargetingContextAccessor>()
        ));
        services.TryAddScoped(provider => new RequestFeatures(
            provider.GetRequiredService<TealClient>(),
            provider.GetService<ITargetingContextAccessor>()
        ));
        services.Replace(ServiceDescriptor.Singleton<IFeatureManager>(provider => provider.GetRequiredService<LiveFeatures>()));
        services.Replace(ServiceDescriptor.Singleton<IVariantFeatureManager>(provider => provider.GetRequiredService<LiveFeatures>()));
        services.Replace(ServiceDescriptor.Scoped<IFeatureManagerSnapshot>(provider => provider.GetRequiredService<RequestFeatures>()));
        services.Replace(
            ServiceDescriptor.Scoped<IVariantFeatureManagerSnapshot>(provider => provider.GetRequiredService<RequestFeatures>())
        );
        return services;
    }
}
